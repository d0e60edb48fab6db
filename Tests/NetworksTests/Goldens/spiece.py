"""Makes spiece.model, a small SentencePiece model with T5's marks, and spiece.json, what Python's SentencePiece makes of texts.

Needs sentencepiece. Usage: spiece.py FOLDER
"""
import json
import sys

import sentencepiece

COLOURS = ["red", "green", "blue", "grey", "yellow"]
SHAPES = ["circle", "square", "triangle", "star"]
PLACES = ["above", "below", "left of", "right of"]
SENTENCES = [f"a {a} {s} {p} a {b} {t}." for a in COLOURS for b in COLOURS for s in SHAPES for t in SHAPES for p in PLACES]
TEXTS = ["a red circle", "the greenest star, above all!", "", "  two   blanks ", "naïve 日本", "triangles"]

path = f"{sys.argv[1]}/spiece"
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(SENTENCES), model_prefix=path, vocab_size=64, model_type="unigram", pad_id=0, eos_id=1, unk_id=2,
    bos_id=-1, normalization_rule_name="identity", hard_vocab_limit=False, minloglevel=2, num_threads=1)
model = sentencepiece.SentencePieceProcessor(model_file=f"{path}.model")
json.dump([{"text": text, "ids": model.encode(text)} for text in TEXTS], open(f"{path}.json", "w"))
