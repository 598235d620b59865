"""Publishing: from a checked set of definitions to a version that serves. Planning is pure, applying is journalled; reading packs
and compiling them belong to the floors below."""
