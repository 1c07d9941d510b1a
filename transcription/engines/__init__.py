"""Speech recognition engines behind the `Transcriber` protocol."""
