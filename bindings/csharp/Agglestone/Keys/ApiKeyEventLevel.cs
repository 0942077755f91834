namespace Agglestone;

/// <summary>
/// How much an event matters. The numbers are those of <c>Microsoft.Extensions.Logging.LogLevel</c>, so a cast takes one to
/// the other.
/// </summary>
public enum ApiKeyEventLevel
{
    /// <summary>For whoever looks for something.</summary>
    Debug = 1,

    /// <summary>As planned.</summary>
    Information = 2,

    /// <summary>Someone should look.</summary>
    Warning = 3,

    /// <summary>Calls fail.</summary>
    Error = 4,
}
