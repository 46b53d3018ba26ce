"""The front end of WeSpeaker's models: 80 log mel energies per 10 ms, mean-normalised.

Kaldi's ``compute-fbank-feats`` by kaldi-native-fbank with the options that WeSpeaker trains with
(wespeaker ``cli/speaker.py: compute_features``): 25 ms Hamming frames every 10 ms, 80 bins, no
dither, 16-bit scale, and the mean over the window subtracted. Short windows are repeated, frame by
frame, before the mean is taken, as WeSpeaker's own diarization does (``diar/extract_emb.py:
subsegment``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarfix.core import F32
from diarfix.embed.audio import RATE
from diarfix.embed.packages import needed

#: Part of every identity: a change here makes other vectors.
FRONT_END = "fbank80-hamming-repeat-cmn-1"

N_BINS = 80

#: Seconds to which shorter windows are repeated: the window of WeSpeaker's diarization.
MIN_SECONDS = 1.5
_MIN_FRAMES = 150


def repeat_to(rows: F32, n: int) -> F32:
    """Repeat (k, ...) from its beginning up to ``n`` rows; more pass unchanged.

    >>> repeat_to(np.array([1, 2, 3], dtype=np.float32), 5).tolist()
    [1.0, 2.0, 3.0, 1.0, 2.0]
    """
    return rows if len(rows) >= n else np.resize(rows, (n, *rows.shape[1:]))


def make_fbank(*, extra: str) -> Callable[[F32], F32]:
    """Return the front end: samples (n,) in [-1, 1], n >= 400, to features (T, 80).

    T = max(1 + (n - 400) // 160, 150).

    extra  the extra of diarfix to name if kaldi-native-fbank is missing
    """
    with needed("kaldi_native_fbank", extra=extra):
        import kaldi_native_fbank as knf
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = N_BINS

    def fbank(samples: F32) -> F32:
        computer = knf.OnlineFbank(options)
        # A list crosses into C++ faster than an array does.
        computer.accept_waveform(RATE, (samples * np.float32(32768)).tolist())
        computer.input_finished()
        features = np.empty((computer.num_frames_ready, N_BINS), dtype=np.float32)
        for i in range(len(features)):
            features[i] = computer.get_frame(i)
        features = repeat_to(features, _MIN_FRAMES)
        features -= features.mean(axis=0)
        return features

    return fbank
