namespace Agglestone;

/// <summary>How a client's store of tokens is doing.</summary>
/// <param name="Size">How many users it holds something for.</param>
/// <param name="Hits">Questions answered at once.</param>
/// <param name="Misses">Questions that had to wait for an exchange.</param>
/// <param name="Renewals">Exchanges begun in the background, for a token that is still good.</param>
/// <param name="FromOthers">Tokens that another process had exchanged, got from the token store.</param>
public sealed record TokenCacheStats(long Size, long Hits, long Misses, long Renewals, long FromOthers);
