using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Tests;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using NUnit.Framework;

namespace Agglestone.Extensions.Tests;

public sealed class ServiceTests
{
    private const string Amelia = "b95816fe-f4ab-49ac-889a-e6a161005339";

    [SetUp]
    public Task Reset() => Emulator.ResetAsync();

    [Test]
    public void AConfigurationThatCannotWorkEndsTheStartWithEveryProblem()
    {
        var problem = Assert.CatchAsync<OptionsValidationException>(() => Host.StartAsync(
            (services, configuration) => services.AddAgglestone(configuration.GetSection("Agglestone")),
            null,
            ("Agglestone:TenantId", "../other"),
            ("Agglestone:Timeout", "5")))!;
        Assert.That(problem.Failures.Count(), Is.EqualTo(2));
        Assert.That(problem.Message, Does.Contain("`TenantId`").And.Contain("`Timeout`").And.Not.Contain(Emulator.PrimaryKey));
    }

    [Test]
    public async Task ClientsOfSeveralTenantsHaveTheirOwnOptionsAndAreDisposedWithTheContainer()
    {
        AgglestoneClient one, other;
        await using (var host = await Host.StartAsync(
            (services, configuration) =>
            {
                services.AddAgglestone(configuration.GetSection("Agglestone"));
                services.AddKeyedAgglestone("partner", configuration.GetSection("Partner"));
                services.AddKeyedAgglestone("code", options => (options.TenantId, options.ApiKey) = ("t", "k"));
            },
            null,
            Host.Emulated("Partner", Emulator.SecondaryKey)))
        {
            one = host.Services.GetRequiredService<AgglestoneClient>();
            other = host.Services.GetRequiredKeyedService<AgglestoneClient>("partner");
            Assert.That(host.Services.GetRequiredKeyedService<AgglestoneClient>("code"), Is.Not.Null);
            Assert.That(host.Services.GetRequiredKeyedService<AgglestoneClient>("partner"), Is.SameAs(other).And.Not.SameAs(one));
            await one.GetUsersAsync();
            await other.GetUsersAsync();
            var slots = (await Emulator.RequestsAsync()).Select(request => request.GetProperty("keySlot").GetString());
            Assert.That(slots, Is.EqualTo(new[] { "primary", "secondary" }));
        }

        Assert.Throws<ObjectDisposedException>(() => one.KeyUsage());
        Assert.Throws<ObjectDisposedException>(() => other.KeyUsage());
    }

    [Test]
    public async Task KeysAreRotatedThroughTheConfigurationUnderLoadWithoutAFailure()
    {
        await using var host = await Host.StartAsync(
            (services, configuration) => services.AddAgglestone(configuration.GetSection("Agglestone")),
            null,
            ("Agglestone:SecondaryApiKey", Emulator.SecondaryKey));
        var client = host.Services.GetRequiredService<AgglestoneClient>();
        using var end = new CancellationTokenSource();
        var calls = 0;
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await client.GetUsersAsync(pageSize: 1);
                Interlocked.Increment(ref calls);
            }
        })).ToArray();
        for (var round = 0; round < 4; round++)
        {
            foreach (var (slot, option) in new[] { ("primary", "ApiKey"), ("secondary", "SecondaryApiKey") })
            {
                var before = Volatile.Read(ref calls);
                host.Settings.Values[$"Agglestone:{option}"] = await Emulator.GenerateKeyAsync(slot);
                host.Settings.Reload();
                await Emulator.UntilAsync(() => Task.FromResult(Volatile.Read(ref calls) > before + 20), "calls");
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        Assert.That(client.KeyUsage().Replacements, Is.EqualTo(8));
        Assert.That(host.Log.Entries, Has.Some.Matches<(string Category, LogLevel Level, string Text, object? State)>(
            entry => entry.Category == "Agglestone" && entry.Text.StartsWith("keys_replaced", StringComparison.Ordinal)));
    }

    [Test]
    public async Task KeysThatCannotBeUsedAreLoggedAndThoseInUseStay()
    {
        await using var host = await Host.StartAsync((services, configuration) => services.AddAgglestone(configuration.GetSection("Agglestone")));
        var client = host.Services.GetRequiredService<AgglestoneClient>();
        host.Settings.Values["Agglestone:ApiKey"] = "planted key";
        host.Settings.Reload();
        Assert.That((await client.GetUsersAsync()).Data, Is.Not.Empty);
        var entry = host.Log.Entries.Single(entry => entry.Category == "Agglestone");
        Assert.That((entry.Level, entry.Text), Is.EqualTo((LogLevel.Error, entry.Text)));
        Assert.That(entry.Text, Does.StartWith("reload_failed").And.Not.Contain("planted"));
    }

    [Test]
    public async Task AttemptsAndCallsAreLoggedAtTheirLevelsWithValuesByName()
    {
        await using var host = await Host.StartAsync(
            (services, configuration) => services.AddAgglestone(configuration.GetSection("Agglestone")), null, ("Agglestone:RequestLog", "true"));
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 503, times = 1 });
        await host.Services.GetRequiredService<AgglestoneClient>().GetUserAsync(Amelia);
        await Emulator.UntilAsync(() => Task.FromResult(host.Log.Entries.Count(entry => entry.Category == "Agglestone") == 3), "lines");
        var told = host.Log.Entries.Where(entry => entry.Category == "Agglestone").ToArray();
        Assert.That(told.Select(entry => entry.Level), Is.EqualTo(new[] { LogLevel.Debug, LogLevel.Debug, LogLevel.Information }));
        var values = told.Select(entry => ((IEnumerable<KeyValuePair<string, object?>>)entry.State!).ToDictionary()).ToArray();
        Assert.That(
            values.Select(entry => (entry["Event"], entry["Method"], entry["Route"], entry["Status"])),
            Is.EqualTo(new (object?, object?, object?, object?)[]
            {
                ("request", "GET", "users/{userId}", 503), ("request", "GET", "users/{userId}", 200), ("call", "GET", "users/{userId}", 200),
            }));
        Assert.That((values[1]["Attempt"], values[2]["Attempts"]), Is.EqualTo(((object?)2, (object?)2)));
        Assert.That((values[0]["Credential"], ((string)values[0]["Fingerprint"]!).Length), Is.EqualTo(("primary", 8)));
        Assert.That((double)values[0]["ElapsedMilliseconds"]!, Is.Positive);
        Assert.That(values[2], Does.Not.ContainKey("RequestId"));
    }

    [Test]
    public async Task HealthTellsARefusedKeyFromAServiceThatIsDown()
    {
        async Task<HealthReportEntry> CheckAsync(params (string, string?)[] settings)
        {
            await using var host = await Host.StartAsync(
                (services, configuration) =>
                {
                    services.AddAgglestone(configuration.GetSection("Agglestone"));
                    services.AddHealthChecks().AddAgglestone();
                },
                null,
                settings);
            return (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["agglestone"];
        }

        Assert.That((await CheckAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        var one = await CheckAsync(("Agglestone:SecondaryApiKey", "an-old-key"));
        Assert.That((one.Status, one.Data["reason"]), Is.EqualTo((HealthStatus.Degraded, (object)"keys")));
        var none = await CheckAsync(("Agglestone:ApiKey", "an-old-key"));
        Assert.That((none.Status, none.Data["reason"]), Is.EqualTo((HealthStatus.Unhealthy, (object)"keys")));
        Assert.That(none.Description, Does.Not.Contain("an-old-key"));
        var down = await CheckAsync(("Agglestone:BaseUrl", "http://127.0.0.1:1"), ("Agglestone:MaxRetries", "0"));
        Assert.That((down.Status, down.Data["reason"]), Is.EqualTo((HealthStatus.Unhealthy, (object)"service")));
        await Emulator.FaultAsync(new { path = "*", status = 500, times = 100 });
        var broken = await CheckAsync(("Agglestone:MaxRetries", "0"));
        Assert.That((broken.Status, broken.Data["reason"]), Is.EqualTo((HealthStatus.Unhealthy, (object)"service")));
    }

    [Test]
    public async Task AnHttpClientSendsTheUsersTokenAndRenewsOneThatIsRefused()
    {
        await using var host = await Host.StartAsync((services, configuration) =>
        {
            services.AddAgglestone(configuration.GetSection("Agglestone"));
            services.AddHttpClient("users", http => http.BaseAddress = new Uri($"{Emulator.Url}/tenant/{Emulator.TenantId}/")).AddAgglestoneUserToken(Amelia);
        });
        var http = host.Services.GetRequiredService<System.Net.Http.IHttpClientFactory>().CreateClient("users");
        using var first = await http.GetAsync(new Uri("api/v2.0/Users", UriKind.Relative));
        Assert.That((int)first.StatusCode, Is.EqualTo(200));
        await Emulator.FaultAsync(new { path = "*/Users", status = 401, times = 1 });
        using var second = await http.GetAsync(new Uri("api/v2.0/Users", UriKind.Relative));
        Assert.That((int)second.StatusCode, Is.EqualTo(200));
        var requests = (await Emulator.RequestsAsync()).Select(request => request.GetProperty("credential").GetString());
        Assert.That(requests, Is.EqualTo(new[] { "api-key", "bearer", "bearer", "api-key", "bearer" }));
    }
}
