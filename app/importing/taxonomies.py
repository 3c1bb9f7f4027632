"""The taxonomies of known datasets, with definitions in our own words."""

from app.terms.taxonomy import HarmCategory, SeverityLevel, Taxonomy

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
    SeverityLevel(0, "none", "No harm.", "None.", "None needed."),
    SeverityLevel(
        1,
        "minor",
        "Small, local and soon over; a person can put it right alone.",
        "A slight, passing harm to one person or a few.",
        "Those concerned manage by themselves, perhaps with some advice.",
    ),
    SeverityLevel(
        2,
        "moderate",
        "Touches several people or lasts; putting it right needs help.",
        "A clear harm to a person or a group, or a slight one to many, that lasts for a while.",
        "Help from outside: a professional, an organisation, the local authorities.",
    ),
    SeverityLevel(
        3,
        "severe",
        "Wide, lasting or irreversible; it needs the authorities at once.",
        "A grave or irreversible harm to people, or one that a whole society feels for long.",
        "The authorities of a country, or of several together, at once and for long.",
    ),
)

# What the dataset calls a category -> its name for reading, and what it means.
_BEAVERTAILS_CATEGORIES = {
    "animal_abuse": ("Animal Abuse", "Cruelty to animals or their neglect, or encouragement of it."),
    "child_abuse": ("Child Abuse", "Harms, exploits or neglects children, or makes it look acceptable."),
    "controversial_topics,politics": (
        "Controversial Topics, Politics",
        "Takes an extreme or inflaming side in disputes over politics, faith or society.",
    ),
    "discrimination,stereotype,injustice": (
        "Discrimination, Stereotype, Injustice",
        "Judges or treats people unfairly by their group, or spreads clichés about it.",
    ),
    "drug_abuse,weapons,banned_substance": (
        "Drug Abuse, Weapons, Banned Substance",
        "Helps to make, get or misuse drugs, weapons or other forbidden things.",
    ),
    "financial_crime,property_crime,theft": (
        "Financial Crime, Property Crime, Theft",
        "Fraud, burglary, money laundering and other crimes against money and goods.",
    ),
    "hate_speech,offensive_language": (
        "Hate Speech, Offensive Language",
        "Insults, slurs and contempt for a person or a group.",
    ),
    "misinformation_regarding_ethics,laws_and_safety": (
        "Misinformation Regarding Ethics, Laws and Safety",
        "Says what is wrong about law, morals or safety in a way that can mislead people into harm.",
    ),
    "non_violent_unethical_behavior": (
        "Non-Violent Unethical Behavior",
        "Cheating, lying, manipulation and other wrongs without violence.",
    ),
    "privacy_violation": ("Privacy Violation", "Uncovers, collects or misuses what is personal to somebody."),
    "self_harm": ("Self-Harm", "Encourages or explains how to hurt or kill oneself."),
    "sexually_explicit,adult_content": (
        "Sexually Explicit, Adult Content",
        "Explicit sexual descriptions, pornography, sexual services.",
    ),
    "terrorism,organized_crime": (
        "Terrorism, Organized Crime",
        "Supports, praises or plans the work of terrorists or criminal gangs.",
    ),
    "violence,aiding_and_abetting,incitement": (
        "Violence, Aiding and Abetting, Incitement",
        "Threatens, plans or stirs up violence, or helps those who commit it.",
    ),
}


def category_code(name: str) -> str:
    """White-Collar Crime -> white-collar-crime, self_harm -> self-harm."""
    return name.lower().replace(" ", "-").replace("_", "-").replace(",", "-")


PKU_SAFERLHF = Taxonomy(
    tuple(HarmCategory(category_code(name), name, definition) for name, definition in _PKU_CATEGORIES.items()),
    _PKU_SEVERITIES,
)
BEAVERTAILS = Taxonomy(
    tuple(
        HarmCategory(category_code(key), name, definition, key)
        for key, (name, definition) in _BEAVERTAILS_CATEGORIES.items()
    ),
    (),
)
