using System;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Agglestone.Extensions;

/// <summary>The client of a container: logs to its loggers, and takes new keys when the configuration has new ones.</summary>
internal sealed class ReloadingClient : AgglestoneClient
{
    private static readonly EventId Id = new(1, "Agglestone");

    private readonly ILogger logger;
    private readonly IDisposable? subscription;
    private (string? Primary, string? Secondary) keys;

    internal ReloadingClient(string name, IOptionsMonitor<AgglestoneClientOptions> monitor, ILoggerFactory loggers)
        : this(name, monitor, monitor.Get(name), loggers.CreateLogger("Agglestone"))
    {
    }

    private ReloadingClient(string name, IOptionsMonitor<AgglestoneClientOptions> monitor, AgglestoneClientOptions options, ILogger logger)
        : base(WithLogger(options, logger))
    {
        this.logger = logger;
        keys = (options.ApiKey, options.SecondaryApiKey);
        subscription = monitor.OnChange((changed, changedName) =>
        {
            if (changedName == name)
            {
                Take(changed);
            }
        });
        // What changed before that.
        Take(monitor.Get(name));
    }

    internal static void Log(ILogger logger, ApiKeyEvent happened)
    {
        var level = (LogLevel)happened.Level;
        if (logger.IsEnabled(level))
        {
            logger.Log(level, Id, new LoggedEvent(happened), exception: null, static (told, _) => told.ToString());
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        subscription?.Dispose();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        subscription?.Dispose();
        return base.DisposeAsyncCore();
    }

    private static AgglestoneClientOptions WithLogger(AgglestoneClientOptions options, ILogger logger)
    {
        var own = options.Clone();
        own.OnApiKeyEvent ??= happened => Log(logger, happened);
        return own;
    }

    // Keys that can't be used leave those in use, and are told to the log.
    private void Take(AgglestoneClientOptions options)
    {
        var changed = (options.ApiKey, options.SecondaryApiKey);
        if (changed == keys || string.IsNullOrEmpty(options.ApiKey))
        {
            return;
        }

        try
        {
            SetApiKeys(options.ApiKey, string.IsNullOrEmpty(options.SecondaryApiKey) ? null : options.SecondaryApiKey);
            keys = changed;
        }
        catch (Exception problem) when (problem is IAgglestoneError or ObjectDisposedException)
        {
            Log(logger, new ApiKeyEvent("reload_failed", ApiKeyEventLevel.Error, $"the configuration's new keys are not used: {problem.Message}"));
        }
    }
}
