"""The plugin's former name: environments that were made before it moved name it until `make` renews them."""

from rehearsal_pytest import *  # noqa: F403
