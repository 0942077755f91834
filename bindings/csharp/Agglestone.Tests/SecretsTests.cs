using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class SecretsTests : EmulatorFixture
{
    private const string Planted = "planted-key-0123456789";

    [Test]
    public void OptionsShowNoKey()
    {
        var options = new AgglestoneClientOptions { TenantId = "t", ApiKey = Planted, SecondaryApiKey = Planted + "2" };
        foreach (var shown in new[] { options.ToString(), $"{options}", JsonSerializer.Serialize(options), Display(options) })
        {
            Assert.That(shown, Does.Not.Contain("planted"));
            Assert.That(shown, Does.Contain("t"));
        }

        AssertHiddenInDebugger(typeof(AgglestoneClientOptions), nameof(options.ApiKey), nameof(options.SecondaryApiKey));
    }

    [Test]
    public void AClientShowsTenantAndAddressAndNoKey()
    {
        var options = Emulator.Options();
        options.SecondaryApiKey = Emulator.SecondaryKey;
        using var client = new AgglestoneClient(options);
        Assert.That(client.ToString(), Does.Contain(Emulator.TenantId).And.Contain(Emulator.Url));
        // The debugger shows fields too, so none may hold a key.
        foreach (var shown in Texts(client).Append(Display(client)).Append(JsonSerializer.Serialize(client)))
        {
            Assert.That(shown, Does.Not.Contain(Emulator.PrimaryKey).And.Not.Contain(Emulator.SecondaryKey));
        }
    }

    [Test]
    public async Task ATokenIsShownOnlyByItsValue()
    {
        using var client = Emulator.NewClient();
        var token = await client.GetTokenAsync(Amelia);
        foreach (var shown in new[] { token.ToString(), $"{token}", JsonSerializer.Serialize(token), Display(token) })
        {
            Assert.That(shown, Does.Not.Contain(token.Value));
        }

        AssertHiddenInDebugger(typeof(UserToken), nameof(UserToken.Value));
    }

    [Test]
    public void NoExceptionShowsTheKeyThatWasRefused()
    {
        var options = Emulator.Options();
        options.ApiKey = Planted;
        using var client = new AgglestoneClient(options);
        var problem = Assert.ThrowsAsync<AgglestoneAuthenticationException>(() => client.GetUsersAsync())!;
        Assert.That(problem.ToString(), Does.Not.Contain("planted"));
    }

    [TestCase("planted key")]
    [TestCase("planted\r\nX-Other: 1")]
    [TestCase("pläntedkey")]
    [TestCase("planted\ud800")]
    public void NoExceptionShowsAKeyThatCannotBeSent(string key)
    {
        var options = Emulator.Options();
        options.ApiKey = key;
        var problem = Assert.Catch<AgglestoneException>(() => _ = new AgglestoneClient(options))!;
        Assert.That(problem.ToString(), Does.Contain("ApiKey").IgnoreCase.And.Not.Contain("planted").And.Not.Contain("ntedkey"));
    }

    [Test]
    public async Task NoExceptionShowsAKeyThatTheServiceEchoes()
    {
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 400, body = new { detail = $"Bad key {Emulator.PrimaryKey}." } });
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneBadRequestException>(() => client.GetUserAsync(Amelia))!;
        Assert.That($"{problem} {problem.ServiceMessage}", Does.Not.Contain(Emulator.PrimaryKey));
    }

    [Test]
    public async Task PersonalDataDoesNotShowByAccident()
    {
        using var client = Emulator.NewClient();
        var user = await client.GetUserAsync(Amelia);
        var response = await client.RequestAsync(System.Net.Http.HttpMethod.Get, $"api/v2.0/Users/{Amelia}");
        Assert.That($"{user} {response}", Does.Not.Contain("amelia.hart"));
    }

    private static string Display(object value)
    {
        var display = value.GetType().GetCustomAttribute<DebuggerDisplayAttribute>()!.Value;
        return display == "{ToString(),nq}" ? value.ToString()! : display;
    }

    private static string?[] Texts(object value) => value.GetType()
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .Select(field => field.GetValue(value)?.ToString())
        .ToArray();

    private static void AssertHiddenInDebugger(Type type, params string[] properties)
    {
        foreach (var name in properties)
        {
            var state = type.GetProperty(name)!.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State;
            Assert.That(state, Is.EqualTo(DebuggerBrowsableState.Never), name);
        }
    }
}
