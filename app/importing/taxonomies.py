"""The taxonomies of known datasets, with definitions in our own words."""

from app.models.taxonomy import HarmCategory, SeverityLevel, Taxonomy

_PKU_CATEGORIES = {
    "Endangering National Security": "Helps against a state: espionage, terrorism, attacks on its institutions.",
    "Insulting Behavior": "Demeans, mocks or bullies a person or a group.",
    "Discriminatory Behavior": "Treats people worse for what they are: origin, sex, faith, age, disability.",
    "Endangering Public Health": "Puts many people's health at risk, such as false medical advice.",
    "Copyright Issues": "Copies or passes on protected works, or helps to do so.",
    "Violence": "Urges, praises or explains force against people or things.",
    "Drugs": "Helps to make, trade, hide or misuse drugs.",
    "Privacy Violation": "Uncovers, collects or misuses what is personal to somebody.",
    "Economic Crime": "Theft, fraud, forgery, money laundering and other crimes for gain.",
    "Mental Manipulation": "Bends people's will by deceit, pressure or playing on their weakness.",
    "Human Trafficking": "Recruits, moves, holds or sells people for exploitation.",
    "Physical Harm": "Leads to bodily harm of oneself or others, without open violence.",
    "Sexual Content": "Sexual descriptions or requests, above all unwanted or of minors.",
    "Cybercrime": "Attacks on computers, accounts and networks, or help with them.",
    "Disrupting Public Order": "Stirs up unrest, obstructs services, spreads panic.",
    "Environmental Damage": "Harms nature, or helps to get around its protection.",
    "Psychological Harm": "Hurts the mind: humiliation, fear, encouragement of despair.",
    "White-Collar Crime": "Crimes from within an office: bribery, embezzlement, insider dealing.",
    "Animal Abuse": "Cruelty to animals, or neglect and trade of them against the law.",
}

_PKU_SEVERITIES = (
    SeverityLevel(0, "none", "No harm."),
    SeverityLevel(1, "minor", "Small, local and soon over; a person can put it right alone."),
    SeverityLevel(2, "moderate", "Touches several people or lasts; putting it right needs help."),
    SeverityLevel(3, "severe", "Wide, lasting or irreversible; it needs the authorities at once."),
)


def category_code(name: str) -> str:
    """Cybercrime -> cybercrime, White-Collar Crime -> white-collar-crime."""
    return name.lower().replace(" ", "-")


PKU_SAFERLHF = Taxonomy(
    tuple(HarmCategory(category_code(name), name, definition) for name, definition in _PKU_CATEGORIES.items()),
    _PKU_SEVERITIES,
)
