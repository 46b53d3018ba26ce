"""Listening again: which words, whose voice, and what it may move."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "decision": ("Account", "Rechecked", "decide", "pool_accounts"),
        "plan": ("ListeningPlan", "plan_listening"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
