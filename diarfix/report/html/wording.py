"""What the figures and the kinds of error mean, for a person who meets them for the first time."""

from __future__ import annotations

#: Metric -> (name for people, one sentence).
METRICS: dict[str, tuple[str, str]] = {
    "wser": (
        "Word speaker error rate",
        (
            "Share of the words that carry the wrong speaker. Words that nobody, or more than one"
            " person, speaks in the reference are not counted."
        ),
    ),
    "islands": (
        "Islands",
        (
            "One to three words in the middle of one person's sentence that carry somebody else's"
            " name. Readers notice these first."
        ),
    ),
    "absorbed_turns": (
        "Lost short turns",
        "Turns of one to three words, a “yeah” or “right”, none of which got its own speaker.",
    ),
    "boundary_f1": (
        "Changes at the right word",
        (
            "How many of the changes of speaker stand at exactly the right word: precision and"
            " recall in one figure. Higher is better."
        ),
    ),
    "der": (
        "Diarization error rate",
        (
            "Seconds that were missed, made up, or given to the wrong person, of all seconds of"
            " speech in the reference. The field's usual measure; it barely sees single words."
        ),
    ),
    "wder": (
        "Word diarization error rate",
        "Wrong speakers among the words that both transcripts share.",
    ),
    "t_wser": (
        "Wrong speaker, by duration",
        "Seconds of words with the wrong speaker, of all seconds of words: long words weigh more.",
    ),
    "boundary_errors": (
        "Errors at a change of speaker",
        "Wrong words within two words of a place where the speaker really changes.",
    ),
    "interior_errors": (
        "Errors elsewhere",
        "Wrong words farther from any real change of speaker.",
    ),
    "jer": (
        "Jaccard error rate",
        (
            "Like the diarization error rate, but each person weighs the same, however little they"
            " say."
        ),
    ),
    "coverage": (
        "Coverage",
        (
            "Share of the reference's speech that the transcript has words for. Low coverage means"
            " that the figures speak of a part only."
        ),
    ),
    "cpwer": (
        "cpWER",
        (
            "Word error rate per speaker under the best assignment of names: wrong words and wrong"
            " speakers together."
        ),
    ),
    "tcpwer": (
        "tcpWER",
        "Like cpWER, but words count as equal only if they lie within five seconds.",
    ),
}

#: Kind of error -> (name for people, sketch of true and given speakers, one sentence).
KINDS: dict[str, tuple[str, str, str]] = {
    "island": (
        "Island",
        "spoken    A A A A A\nlabelled  A A B A A",
        "A few words inside one person's sentence carry another name.",
    ),
    "seam": (
        "Seam",
        "spoken    A A A B B\nlabelled  A A B B B",
        "Words beside a real change of speaker fell to the wrong side of it.",
    ),
    "absorption": (
        "Absorption",
        "spoken    A A B A A\nlabelled  A A A A A",
        "A short turn of one to three words was swallowed by the speaker around it.",
    ),
    "turn": (
        "Turn",
        "spoken    A B B B B A\nlabelled  A A A A A A",
        "A whole turn of four words or more was given to somebody else.",
    ),
    "confusion": (
        "Confusion",
        "spoken    A A A A A A\nlabelled  A B B B B A",
        "A stretch inside one person's turn carries another name, and is no island.",
    ),
}

#: Other words the pages use.
TERMS: dict[str, str] = {
    "reference": "Who really spoke when, as a person marked it. Everything is measured against it.",
    "off": "The labels as the diarizer gave them to the words, without repair: what every variant"
    " is compared with.",
    "repaired, broken": "Words that went from the wrong speaker to the right one, and from the"
    " right one to a wrong one.",
    "95 % interval": "Where the true change probably lies, found by drawing recordings again and"
    " again at random. An interval that spans zero (~) says the change may be chance.",
    "regression": "A recording that a variant made worse: its word speaker error rate by more than"
    " 5 %, or more islands, or a higher diarization error rate.",
}
