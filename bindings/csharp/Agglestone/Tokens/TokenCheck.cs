namespace Agglestone;

/// <summary>What a verdict on a token is to rest on beside its signature and claims, which say what was true when it was issued.</summary>
public enum TokenCheck
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// The service's word that the token's user is there and enabled: one <c>GET</c> of the user, whose answer counts for a minute for
    /// everyone who asks, and less where this client writes to the users. Up to <c>TokenCacheSize</c> users are remembered.
    /// </summary>
    Service = 1,
}
