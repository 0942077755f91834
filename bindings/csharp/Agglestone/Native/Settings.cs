using System;
using System.Collections;
using System.Linq;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>Carries the options into the library, which knows what comes before what.</summary>
internal static unsafe class Settings
{
    /// <summary>A client with these options.</summary>
    internal static ClientHandle CreateClient(AgglestoneClientOptions options)
    {
        NativeLibraryCheck.Run();
        using var config = new ConfigHandle();
        config.Set(options.TenantId, &agg_config_set_tenant_id);
        config.Set(options.ApiKey, &agg_config_set_api_key);
        config.Set(options.SecondaryApiKey, &agg_config_set_secondary_api_key);
        config.Set(options.ApiKeyFile, &agg_config_set_api_key_file);
        config.Set(options.SecondaryApiKeyFile, &agg_config_set_secondary_api_key_file);
        config.SetApiKeySource(options.ApiKeySource);
        config.SetApiKeyListener(options.OnApiKeyEvent);
        config.Set(options.BaseUrl, &agg_config_set_base_url);
        config.Set(options.UsersPath, &agg_config_set_users_path);
        config.Set(options.CaFile, &agg_config_set_ca_file);
        config.Set(options.AllowInsecureHttp, &agg_config_set_allow_insecure_http);
        config.Set(options.AppName, &agg_config_set_app_name);
        config.Set(options.ConnectTimeout, &agg_config_set_connect_timeout);
        config.Set(options.Timeout, &agg_config_set_timeout);
        config.Set(options.Deadline, &agg_config_set_deadline);
        config.Set(options.MaxRetries, &agg_config_set_max_retries);
        config.Set(options.MaxConnections, &agg_config_set_max_connections);
        config.Set(options.IoThreads, &agg_config_set_io_threads);
        config.Set(options.IdleTimeout, &agg_config_set_idle_timeout);
        config.Set(options.ConnectionMaxAge, &agg_config_set_connection_max_age);
        config.Set(options.TokenCacheSize, &agg_config_set_token_cache_size);
        config.Set(options.TokenStore, &agg_config_set_token_store);
        config.Set(options.TokenStoreKey, &agg_config_set_token_store_key);
        config.Set(options.Audience, &agg_config_set_audience);
        config.Set(options.ClockTolerance, &agg_config_set_clock_tolerance);
        config.Set(options.VerifyCacheSize, &agg_config_set_verify_cache_size);
        config.Set(options.RequestLog, &agg_config_set_request_log);
        config.Set($"dotnet/{Environment.Version}", &agg_config_set_runtime);
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
