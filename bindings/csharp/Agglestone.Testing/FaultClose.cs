namespace Agglestone.Testing;

/// <summary>Where a <see cref="Fault"/> resets the connection.</summary>
public enum FaultClose
{
    /// <summary>Without an answer; the request is not handled.</summary>
    Before,

    /// <summary>After the head and half of the body.</summary>
    MidBody,

    /// <summary>After the bytes of <see cref="Fault.Raw"/>.</summary>
    After,
}
