"""From raw text to normalised text and token hashes, plainly and by kernels."""
