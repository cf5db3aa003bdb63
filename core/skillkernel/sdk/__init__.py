"""What a skill's code imports: standard library only, since it runs beside the skill's own packages."""
