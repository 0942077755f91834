namespace Agglestone;

/// <summary>What a client did with its keys: what an operator reads before retiring one.</summary>
/// <param name="Primary">The primary key; null before a source has given one.</param>
/// <param name="Secondary">The secondary key; null when there is none.</param>
/// <param name="Failovers">How often a refused key made the other one the key in use.</param>
/// <param name="Replacements">How often the keys were replaced.</param>
public sealed record ApiKeyUsage(ApiKeySlotUsage? Primary, ApiKeySlotUsage? Secondary, long Failovers, long Replacements);
