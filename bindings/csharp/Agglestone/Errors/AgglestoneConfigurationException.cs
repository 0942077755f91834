using System;
using System.Collections.Generic;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>Invalid configuration; the message lists every problem. Also when the native library can't be used.</summary>
public sealed class AgglestoneConfigurationException : AgglestoneException
{
    /// <summary>A configuration that an application refuses itself.</summary>
    /// <param name="message">What is wrong, every problem of it.</param>
    /// <param name="problems">The same, option by option.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneConfigurationException(
        string message, IReadOnlyList<AgglestoneConfigurationProblem>? problems = null, Exception? innerException = null)
        : this(
            new ErrorDetails { Code = AgglestoneErrorCode.InvalidConfig, Message = message, Problems = problems ?? [] },
            innerException)
    {
    }

    internal AgglestoneConfigurationException(ErrorDetails details, Exception? inner = null)
        : base(details, inner) => Problems = details.Problems;

    /// <summary>Every problem; empty when the native library can't be used.</summary>
    public IReadOnlyList<AgglestoneConfigurationProblem> Problems { get; }
}
