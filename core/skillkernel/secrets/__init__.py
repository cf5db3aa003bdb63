"""What a person stores for a skill and nobody else may see: kept, handed over a call at a time, masked everywhere else."""
