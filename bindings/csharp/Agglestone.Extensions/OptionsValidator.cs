using System.Collections.Concurrent;
using System.Linq;

using Microsoft.Extensions.Options;

namespace Agglestone.Extensions;

/// <summary>
/// Has the library check options, which knows the environment behind them too. Only at start: later a reload with a mistake in it
/// must not end a program that has keys which work.
/// </summary>
internal sealed class OptionsValidator : IValidateOptions<AgglestoneClientOptions>
{
    private readonly ConcurrentDictionary<string, bool> valid = new();

    public ValidateOptionsResult Validate(string? name, AgglestoneClientOptions options)
    {
        var key = name ?? Options.DefaultName;
        if (valid.ContainsKey(key))
        {
            return ValidateOptionsResult.Success;
        }

        var quiet = options.Clone();
        quiet.OnApiKeyEvent = null;
        try
        {
            // Opens no connection.
            new AgglestoneClient(quiet).Dispose();
        }
        catch (AgglestoneConfigurationException problem)
        {
            return problem.Problems.Count == 0
                ? ValidateOptionsResult.Fail(problem.Message)
                : ValidateOptionsResult.Fail(problem.Problems.Select(one => $"`{one.Option}` {one.Reason}"));
        }

        valid[key] = true;
        return ValidateOptionsResult.Success;
    }
}
