"""What calls say beside their score: risks, promises, voices, topics. Values; nothing is judged."""
