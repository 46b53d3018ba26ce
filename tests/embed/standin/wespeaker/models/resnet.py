"""A small network with the calling conventions of wespeaker's ResNet34: not its architecture."""

import os

import torch
from torch import nn

# The real package's dependencies leave both behind; a loader must undo them.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"


class ResNet34(nn.Module):
    """Features (B, T, feat_dim) -> (zero, vectors (B, embed_dim)): mean and deviation over time."""

    def __init__(self, feat_dim=80, embed_dim=256, pooling_func="TSTP", two_emb_layer=False):
        super().__init__()
        self.pooling_func, self.two_emb_layer = pooling_func, two_emb_layer
        self.front = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=(2, 2), padding=1), nn.BatchNorm2d(8), nn.ReLU()
        )
        self.back = nn.Sequential(
            nn.Conv2d(8, 8, 3, stride=(2, 2), padding=1), nn.BatchNorm2d(8), nn.ReLU()
        )
        # "TSTP" pools mean and deviation, "TSDP" the deviation alone.
        self.n_stats = 2 if pooling_func == "TSTP" else 1
        self.seg_1 = nn.Linear(self.n_stats * 8 * (feat_dim // 4), embed_dim)

    def forward(self, feats):
        x = self.back(self.front(feats.transpose(1, 2).unsqueeze(1))).flatten(1, 2)
        stats = (x.mean(-1), torch.sqrt(x.var(-1) + 1e-7))
        return torch.tensor(0.0), self.seg_1(torch.cat(stats[-self.n_stats :], -1))
