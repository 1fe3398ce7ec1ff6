"""The demo console: a page on which a room of people plays a registration, and sees where the record is."""
