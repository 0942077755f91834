using System;

namespace Agglestone.Native;

/// <summary>One attempt of a call (agg_attempt). Texts are made anew each time that they are asked for.</summary>
internal readonly partial struct Attempt
{
    internal string Method => method.ToString();

    internal string Route => route.ToString();

    /// <summary>The name of the error, or the status where that is 400 or more.</summary>
    internal string? ErrorType => errorType.TextOrNull;

    internal string? Credential => credential.TextOrNull;

    internal string? Fingerprint => fingerprint.TextOrNull;

    internal string? RequestId => requestId.TextOrNull;

    /// <summary>Since the observation was made.</summary>
    internal TimeSpan Start => new(start * TimeSpan.TicksPerMicrosecond);

    /// <summary>Null while it is under way.</summary>
    internal TimeSpan? Duration => duration < 0 ? null : new(duration * TimeSpan.TicksPerMicrosecond);

    /// <summary>In seconds.</summary>
    internal double? ConnectionWait => connectionWait < 0 ? null : connectionWait / 1e6;

    internal int? Resends => resends == 0 ? null : (int)resends;

    internal int? Status => status == 0 ? null : status;
}
