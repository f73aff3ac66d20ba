"""Reports the Claude API calls of the Anthropic SDK to Tacho.

client = Anthropic(middleware=[tacho.hook("http://127.0.0.1:8787", key)])
"""

from ._hook import Hook, hook
from ._scope import scope

__all__ = ["Hook", "hook", "scope"]
__version__ = "0.1.0"
