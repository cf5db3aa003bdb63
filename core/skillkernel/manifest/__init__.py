"""What a skill says of itself: skill.json, its schema, and the typed values it is parsed into."""
