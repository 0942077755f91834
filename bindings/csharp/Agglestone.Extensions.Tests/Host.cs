using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;

using Agglestone.Tests;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agglestone.Extensions.Tests;

/// <summary>An application behind a real Kestrel, with a configuration that tests change while it runs.</summary>
internal sealed class Host : IAsyncDisposable
{
    private readonly WebApplication app;

    private Host(WebApplication app, Settings settings, Log log)
    {
        this.app = app;
        Settings = settings;
        Log = log;
    }

    internal Settings Settings { get; }

    internal Log Log { get; }

    internal IServiceProvider Services => app.Services;

    internal HttpClient Http { get; private set; } = null!;

    internal static async Task<Host> StartAsync(
        Action<IServiceCollection, IConfiguration> configure, Action<WebApplication>? map = null, params (string Name, string? Value)[] settings)
    {
        var source = new Settings();
        foreach (var (name, value) in Emulated("Agglestone", Emulator.PrimaryKey).Concat(settings))
        {
            source.Values[name] = value;
        }

        var log = new Log();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        ((IConfigurationBuilder)builder.Configuration).Add(source);
        configure(builder.Services, builder.Configuration);
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new Host(app, source, log) { Http = new HttpClient(new HttpClientHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.Single()) } };
    }

    internal static (string Name, string? Value)[] Emulated(string section, string key) =>
        [($"{section}:TenantId", Emulator.TenantId), ($"{section}:BaseUrl", Emulator.Url), ($"{section}:ApiKey", key)];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>A configuration source whose values change.</summary>
internal sealed class Settings : IConfigurationSource
{
    private Provider? provider;

    internal ConcurrentDictionary<string, string?> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => provider = new Provider(this);

    internal void Reload() => provider!.Reload();

    private sealed class Provider(Settings settings) : ConfigurationProvider
    {
        public override void Load() => Data = new Dictionary<string, string?>(settings.Values, StringComparer.OrdinalIgnoreCase);

        internal void Reload()
        {
            Load();
            OnReload();
        }
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class Log : ILoggerProvider
{
    internal ConcurrentQueue<(string Category, LogLevel Level, string Text, object? State)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(Log log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Entries.Enqueue((category, logLevel, formatter(state, exception), state));
    }
}
