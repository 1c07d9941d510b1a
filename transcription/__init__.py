"""Sound in, transcript out: decoding, speakers, recognition, roles."""
