namespace Agglestone;

/// <summary>One thing that is wrong with a client's configuration. Shows no secret.</summary>
/// <param name="Option">The property of <see cref="AgglestoneClientOptions"/> that it is about.</param>
/// <param name="Reason">What is wrong with it and what is accepted: the end of a sentence that begins with the option's name.</param>
public sealed record AgglestoneConfigurationProblem(string Option, string Reason);
