namespace Agglestone.Testing;

/// <summary>One of the two keys that a tenant has.</summary>
public enum KeySlot
{
    /// <summary>The primary key.</summary>
    Primary,

    /// <summary>The secondary key.</summary>
    Secondary,
}
