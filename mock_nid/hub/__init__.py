"""The WebSub hub: who is subscribed, who may, and how messages travel (contract mosip §4)."""
