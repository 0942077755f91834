using System;

namespace Agglestone.Testing;

/// <summary>The emulator can't start, or refuses a call to its control API; the message says why.</summary>
public sealed class EmulatorException : Exception
{
    /// <summary>An exception with its reason.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">What it came from.</param>
    public EmulatorException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
