"""What SKILL_HOME keeps to be quick, how much room it takes, and how it goes without harm."""
