"""Shipped priors, verifiers and reference models, each with a card that says how it was made."""

from pathlib import Path

BF16_RECORD = Path(__file__).with_name("bf16-on-gpus.json")
"""What a search in bf16 changed on each GPU on which it was compared with float32."""
