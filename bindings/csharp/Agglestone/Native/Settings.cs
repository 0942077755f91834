using System;
using System.Collections;
using System.Linq;

namespace Agglestone.Native;

/// <summary>Carries the options into the library, which knows what comes before what.</summary>
internal static class Settings
{
    /// <summary>A client with these options.</summary>
    internal static ClientHandle CreateClient(AgglestoneClientOptions options)
    {
        NativeLibraryCheck.Run();
        using var config = new ConfigHandle();
        config.SetTenantId(options.TenantId);
        config.SetApiKey(options.ApiKey);
        config.SetSecondaryApiKey(options.SecondaryApiKey);
        config.SetApiKeyFile(options.ApiKeyFile);
        config.SetSecondaryApiKeyFile(options.SecondaryApiKeyFile);
        config.SetApiKeySource(options.ApiKeySource);
        config.SetApiKeyListener(options.OnApiKeyEvent);
        config.SetBaseUrl(options.BaseUrl);
        config.SetUsersPath(options.UsersPath);
        config.SetCaFile(options.CaFile);
        config.SetAllowInsecureHttp(options.AllowInsecureHttp);
        config.SetAppName(options.AppName);
        config.SetConnectTimeout(options.ConnectTimeout);
        config.SetTimeout(options.Timeout);
        config.SetDeadline(options.Deadline);
        config.SetMaxRetries(options.MaxRetries);
        config.SetMaxConnections(options.MaxConnections);
        config.SetIdleTimeout(options.IdleTimeout);
        config.SetConnectionMaxAge(options.ConnectionMaxAge);
        config.SetTokenCacheSize(options.TokenCacheSize);
        config.SetRuntime($"dotnet/{Environment.Version}");
        LendEnvironment(config);
        try
        {
            return ClientHandle.Create(config);
        }
        catch (AgglestoneConfigurationException problem) when (HasDays(options.ConnectTimeout, options.Timeout, options.Deadline))
        {
            const string Hint = "; in a configuration file \"5\" is 5 days: write \"00:00:05\" for 5 seconds";
            throw new AgglestoneConfigurationException(problem.Message + Hint, problem.Problems);
        }
    }

    private static bool HasDays(params TimeSpan?[] times) => times.Any(time => time is { Ticks: > 0 and var ticks } && ticks % TimeSpan.TicksPerDay == 0);

    // .NET keeps a copy of the environment: what a program sets with Environment.SetEnvironmentVariable, as readers of .env
    // files do, never reaches a native library by itself.
    private static void LendEnvironment(ConfigHandle config)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            config.SetVariable((string)variable.Key, (string?)variable.Value ?? "");
        }
    }
}
