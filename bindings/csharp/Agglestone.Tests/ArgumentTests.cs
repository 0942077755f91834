using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>What .NET's own types can hold and the service can't be sent: refused by name, before anything is sent.</summary>
public sealed class ArgumentTests : EmulatorFixture
{
    private const string Surrogate = "planted\ud800";

    private static readonly (string Argument, Func<AgglestoneClient, string, Task> Call)[] Texts =
    [
        ("userId", (client, text) => client.GetUserAsync(text)),
        ("userId", (client, text) => Task.Run(() => client.GetUser(text))),
        ("userId", (client, text) => client.GetTokenAsync(text)),
        ("userId", (client, text) => client.GetFreshTokenAsync(text)),
        ("userId", (client, text) => client.ExchangeApiKeyForTokenAsync(text)),
        ("userId", (client, text) => Task.Run(() => client.TryGetCachedToken(text, out _))),
        ("userId", (client, text) => Task.Run(() => client.ForgetToken(text))),
        ("userId", (client, text) => Task.Run(() => client.AsUser(text))),
        ("path", (client, text) => client.RequestAsync(HttpMethod.Get, text)),
        ("query", (client, text) => client.RequestAsync(new(HttpMethod.Get, "a") { Query = { { text, "v" } } })),
        ("query", (client, text) => client.RequestAsync(new(HttpMethod.Get, "a") { Query = { { "n", text } } })),
        ("headers", (client, text) => client.RequestAsync(new(HttpMethod.Get, "a") { Headers = { { text, "v" } } })),
        ("headers", (client, text) => client.RequestAsync(new(HttpMethod.Get, "a") { Headers = { { "n", text } } })),
        ("json", (client, text) => client.RequestAsync(HttpMethod.Post, "a", $"\"{text}\"")),
        ("primary", (client, text) => Task.Run(() => client.SetApiKeys(text))),
        ("secondary", (client, text) => Task.Run(() => client.SetApiKeys("a-key", text))),
    ];

    private static readonly TimeSpan[] NoTimes = [TimeSpan.MaxValue, TimeSpan.MinValue, Timeout.InfiniteTimeSpan, TimeSpan.Zero];

    [Test]
    public async Task HalfASurrogatePairIsRefusedByNameAndNotShown([Range(0, 15)] int index)
    {
        var (argument, call) = Texts[index];
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneArgumentException>(() => call(client, Surrogate))!;
        Assert.That(problem.ToString(), Does.Not.Contain("planted"));
        Assert.That(problem.ParamName, Is.EqualTo(argument));
        Assert.That(await Emulator.RequestsAsync(), Is.Empty);
    }

    [Test]
    public async Task NullIsRefusedAsEverywhereInDotNet()
    {
        using var client = Emulator.NewClient();
        foreach (var (argument, call) in Texts.Where(text => text.Argument is "userId" or "path" or "query" or "headers" or "primary"))
        {
            var problem = Assert.ThrowsAsync<ArgumentNullException>(() => call(client, null!), argument)!;
            Assert.That(problem.ParamName, Is.EqualTo(argument).Or.EqualTo("name").Or.EqualTo("value"));
        }

        foreach (var (argument, call) in Texts.Where(text => text.Argument == "userId"))
        {
            Assert.That(Assert.ThrowsAsync<AgglestoneArgumentException>(() => call(client, ""))!.ParamName, Is.EqualTo(argument));
        }

        Assert.ThrowsAsync<ArgumentNullException>(() => client.RequestAsync(null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => client.RequestAsync(null!, "a"));
        Assert.That(await Emulator.RequestsAsync(), Is.Empty);
    }

    [TestCaseSource(nameof(NoTimes))]
    public async Task ATimeThatIsNoneIsRefused(TimeSpan time)
    {
        using var client = Emulator.NewClient();
        foreach (var (options, name) in new[]
        {
            (new AgglestoneCallOptions { ConnectTimeout = time }, "connectTimeout"),
            (new AgglestoneCallOptions { Timeout = time }, "timeout"),
            (new AgglestoneCallOptions { Deadline = time }, "deadline"),
        })
        {
            Assert.That(Assert.ThrowsAsync<AgglestoneArgumentException>(() => client.With(options).GetUsersAsync())!.ParamName, Is.EqualTo(name));
        }

        var settings = Emulator.Options();
        (settings.ConnectTimeout, settings.Timeout, settings.Deadline) = (time, time, time);
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(settings))!;
        Assert.That(problem.Message, Does.Contain("`ConnectTimeout`").And.Contain("`Timeout`").And.Contain("`Deadline`"));
        Assert.That(await Emulator.RequestsAsync(), Is.Empty);
    }

    [Test]
    public void ASettingWithHalfASurrogatePairIsAProblemAmongAllOthers()
    {
        var settings = new Dictionary<string, Action<AgglestoneClientOptions>>
        {
            ["TenantId"] = options => options.TenantId = Surrogate,
            ["ApiKey"] = options => options.ApiKey = Surrogate,
            ["SecondaryApiKey"] = options => options.SecondaryApiKey = Surrogate,
            ["ApiKeyFile"] = options => options.ApiKeyFile = Surrogate,
            ["SecondaryApiKeyFile"] = options => options.SecondaryApiKeyFile = Surrogate,
            ["BaseUrl"] = options => options.BaseUrl = Surrogate,
            ["UsersPath"] = options => options.UsersPath = Surrogate,
            ["AppName"] = options => options.AppName = Surrogate,
            ["CaFile"] = options => options.CaFile = Surrogate,
        };
        foreach (var (name, set) in settings)
        {
            var options = Emulator.Options();
            options.MaxRetries = 99;
            set(options);
            var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options), name)!;
            Assert.That(problem.Problems.Select(one => one.Option), Is.EquivalentTo(new[] { name, "MaxRetries" }));
            Assert.That(problem.ToString(), Does.Not.Contain("planted"));
        }
    }
}
