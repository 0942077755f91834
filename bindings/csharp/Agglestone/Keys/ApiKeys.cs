using System;
using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace Agglestone;

/// <summary>The tenant's keys, as a secret manager gives them. Neither is ever shown or serialized.</summary>
[DebuggerDisplay("ApiKeys")]
public sealed class ApiKeys
{
    /// <summary>A pair of keys.</summary>
    /// <param name="primary">The key to use first.</param>
    /// <param name="secondary">The tenant's other key; null when there is none.</param>
    public ApiKeys(string primary, string? secondary = null)
    {
        ArgumentNullException.ThrowIfNull(primary);
        Primary = primary;
        Secondary = secondary;
    }

    /// <summary>The key to use first.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string Primary { get; }

    /// <summary>The tenant's other key; null when there is none.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string? Secondary { get; }

    /// <summary>Not the keys.</summary>
    public override string ToString() => nameof(ApiKeys);
}
