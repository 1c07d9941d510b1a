"""Speaker separation behind the `Diarizer` protocol."""
