"""Shipped priors, verifiers and reference models, each with a card that says how it was made."""

from pathlib import Path

PRECISION_RECORD = Path(__file__).with_name("precision-on-gpus.json")
"""What searches in bf16 and TF32 changed on each GPU on which they were compared with float32."""
