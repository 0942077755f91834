using System;

namespace Agglestone.Native;

/// <summary>Carries the options into the library, with the environment behind them.</summary>
internal static class Settings
{
    /// <summary>A client with these options.</summary>
    internal static ClientHandle CreateClient(AgglestoneClientOptions options)
    {
        using var config = new ConfigHandle();
        config.SetTenantId(options.TenantId ?? Variable("AGGLESTONE_TENANT_ID"));
        SetKeys(config, options);
        config.SetApiKeyListener(options.OnApiKeyEvent);
        config.SetBaseUrl(options.BaseUrl ?? Variable("AGGLESTONE_BASE_URL"));
        config.SetUsersPath(options.UsersPath ?? Variable("AGGLESTONE_USERS_PATH"));
        config.SetCaFile(options.CaFile ?? Variable("AGGLESTONE_CA_FILE"));
        config.SetAllowInsecureHttp(options.AllowInsecureHttp ?? Flag("AGGLESTONE_ALLOW_INSECURE_HTTP"));
        config.SetAppName(options.AppName);
        config.SetConnectTimeout(options.ConnectTimeout);
        config.SetTimeout(options.Timeout);
        config.SetDeadline(options.Deadline);
        config.SetMaxRetries(options.MaxRetries);
        config.SetTokenCacheSize(options.TokenCacheSize);
        config.SetRuntime($"dotnet/{Environment.Version}");
        return ClientHandle.Create(config);
    }

    /// <summary>What may be shown of them.</summary>
    internal static string Describe(AgglestoneClientOptions options)
    {
        var tenant = options.TenantId ?? Variable("AGGLESTONE_TENANT_ID");
        var url = options.BaseUrl ?? Variable("AGGLESTONE_BASE_URL");
        return $"TenantId = {tenant}" + (url is null ? "" : $", BaseUrl = {url}");
    }

    // Either a value or a file, of either the options or the environment; a source leaves the environment out, and a key
    // leaves out what the environment has beside it. Two places at once are the library's to refuse.
    private static void SetKeys(ConfigHandle config, AgglestoneClientOptions options)
    {
        var (key, file) = (options.ApiKey, options.ApiKeyFile);
        // An empty text is what configuration holds where there is no second key.
        var (secondaryKey, secondaryFile) = (NonEmpty(options.SecondaryApiKey), options.SecondaryApiKeyFile);
        if (options.ApiKeySource is null && key is null && file is null)
        {
            (key, file) = (Variable("AGGLESTONE_API_KEY"), Variable("AGGLESTONE_API_KEY_FILE"));
            if (secondaryKey is null && secondaryFile is null)
            {
                (secondaryKey, secondaryFile) = (Variable("AGGLESTONE_SECONDARY_API_KEY"), Variable("AGGLESTONE_SECONDARY_API_KEY_FILE"));
            }
        }

        config.SetApiKey(key);
        config.SetApiKeyFile(file);
        config.SetSecondaryApiKey(secondaryKey);
        config.SetSecondaryApiKeyFile(secondaryFile);
        config.SetApiKeySource(options.ApiKeySource);
    }

    // .NET keeps a copy of the environment: what a program sets with Environment.SetEnvironmentVariable, as readers of .env
    // files do, never reaches a native library. So the variables are read here. An empty one is as if absent.
    private static string? Variable(string name) => NonEmpty(Environment.GetEnvironmentVariable(name));

    private static string? NonEmpty(string? text) => text is { Length: > 0 } ? text : null;

    // Neither true nor false is left to the library, which has the words for it.
    private static bool? Flag(string name) => Variable(name)?.ToLowerInvariant() switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };
}
