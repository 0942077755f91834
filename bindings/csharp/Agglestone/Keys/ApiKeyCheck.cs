namespace Agglestone;

/// <summary>What the service says of each key.</summary>
/// <param name="Primary">The primary key.</param>
/// <param name="Secondary">The secondary key; null when there is none.</param>
public sealed record ApiKeyCheck(ApiKeySlotCheck Primary, ApiKeySlotCheck? Secondary);
