using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Testing.Tests;

/// <summary>Agglestone.Testing: the emulator as users have it in their own tests.</summary>
public sealed class TestingTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;

    [Test]
    public async Task AClientIsServedAndItsRequestsAreRecorded()
    {
        await using var emulator = await Emulator.StartAsync();
        using var client = new AgglestoneClient(emulator.ClientOptions());
        Assert.That((await client.GetUsersAsync()).TotalRecords, Is.EqualTo(45));
        var request = (await emulator.RequestsAsync()).Single();
        Assert.That((request.Method, request.Status, request.KeySlot), Is.EqualTo(("GET", (int?)200, (KeySlot?)KeySlot.Primary)));
        var report = await emulator.KeyReportAsync();
        Assert.That((report[0].State, report[0].Slot, report[0].Callers.Single().Requests), Is.EqualTo(("accepted", (KeySlot?)KeySlot.Primary, 1L)));
        Assert.That(report[0].Fingerprint, Is.EqualTo(request.Fingerprint));
        Assert.That(emulator.ToString(), Does.Not.Contain(emulator.PrimaryApiKey));
    }

    [Test]
    public async Task UsersAndKeysAreThoseGivenOverHttpsToo()
    {
        var options = new EmulatorOptions
        {
            TenantId = "mine",
            Users = [AgglestoneModelFactory.User("only", email: "only@example.com")],
            PrimaryApiKey = "first-key",
            Tls = true,
        };
        await using var emulator = await Emulator.StartAsync(options);
        Assert.That(emulator.Url, Does.StartWith("https://"));
        var variables = emulator.Environment();
        Assert.That(variables["AGGLESTONE_TENANT_ID"], Is.EqualTo("mine"));
        Assert.That(variables["AGGLESTONE_API_KEY"], Is.EqualTo("first-key"));
        Assert.That(variables["AGGLESTONE_CA_FILE"], Is.EqualTo(emulator.CaFile));
        using var client = new AgglestoneClient(emulator.ClientOptions());
        Assert.That((await client.GetUsersAsync()).Data.Select(user => user.UserId), Is.EqualTo(new[] { "only" }));
        await emulator.PutUsersAsync([AgglestoneModelFactory.User("more")]);
        await emulator.RemoveUserAsync("only");
        Assert.That((await client.GetUsersAsync()).Data.Select(user => user.UserId), Is.EqualTo(new[] { "more" }));
    }

    [Test]
    public async Task FaultsKeysAndSnapshots()
    {
        await using var emulator = await Emulator.StartAsync();
        var options = emulator.ClientOptions();
        options.MaxRetries = 0;
        using var client = new AgglestoneClient(options);
        await emulator.AddFaultAsync(new Fault { Path = "*/Users*", Status = 503, BodyJson = """{"message": "planned"}""", Delay = TimeSpan.FromMilliseconds(1) });
        Assert.That((await ThrownAsync<AgglestoneServerException>(client)).Message, Does.Contain("planned"));
        await emulator.AddFaultAsync(new Fault { BodyBytes = new byte[] { 0xff }, Headers = new Dictionary<string, IReadOnlyList<string>> { ["content-type"] = ["text/plain"] } });
        await ThrownAsync<AgglestoneResponseException>(client);
        await emulator.AddFaultAsync(new Fault { Raw = "SSH-2.0-OpenSSH_9.2\r\n", Close = FaultClose.After });
        await ThrownAsync<AgglestoneResponseException>(client);
        await emulator.AddFaultAsync(new Fault { RateLimit = (0, TimeSpan.FromSeconds(30)) });
        Assert.That((await ThrownAsync<AgglestoneRateLimitedException>(client)).RetryAfter, Is.GreaterThan(TimeSpan.Zero));
        await emulator.ClearFaultsAsync();
        await client.GetUsersAsync();
        var before = await emulator.SnapshotAsync();
        await emulator.SetKeyAsync(KeySlot.Primary, "another-key");
        Assert.That(await emulator.GenerateKeyAsync(KeySlot.Secondary), Is.Not.EqualTo(emulator.SecondaryApiKey));
        await ThrownAsync<AgglestoneAuthenticationException>(client);
        await emulator.RestoreAsync(before);
        Assert.That((await emulator.SnapshotAsync()).GetRawText(), Is.EqualTo(before.GetRawText()));
        await client.GetUsersAsync();
        Assert.That(() => emulator.AddFaultAsync(new Fault()), Throws.TypeOf<EmulatorException>().With.Message.Contains("no effect"));
        Assert.That(() => emulator.RemoveUserAsync("a/b"), Throws.TypeOf<EmulatorException>().With.Message.Contains("No such user"));
    }

    [Test]
    public async Task TimePassesAtOnceAndTokensAreRevoked()
    {
        await using var emulator = await Emulator.StartAsync(new() { TokenLifetime = TimeSpan.FromMinutes(1) });
        using var client = new AgglestoneClient(emulator.ClientOptions());
        var admin = (await client.GetUsersAsync()).Data[0].UserId;
        var first = await client.ExchangeApiKeyForTokenAsync(admin);
        await emulator.RevokeTokensAsync(admin);
        await client.AsUser(admin).GetUsersAsync();
        Assert.That(await client.ExchangeApiKeyForTokenAsync(admin), Is.Not.EqualTo(first));
        await emulator.AdvanceClockAsync(TimeSpan.FromHours(1));
        await client.GetUsersAsync();
        var requests = await emulator.RequestsAsync();
        Assert.That(requests[^1].Time - requests[0].Time, Is.GreaterThanOrEqualTo(TimeSpan.FromHours(1)));
        await emulator.ResetAsync();
        Assert.That(await emulator.RequestsAsync(), Is.Empty);
    }

    [Test]
    public void WhyItCannotStartIsSaid()
    {
        Assert.That(() => Emulator.StartAsync(new() { TenantId = "a/b" }), Throws.TypeOf<EmulatorException>().With.Message.Contains("invalid tenant"));
        Assert.That(
            () => Emulator.StartAsync(new() { Binary = "/no/such/program" }),
            Throws.TypeOf<EmulatorException>().With.Message.Contains("set AGGLESTONE_EMULATOR"));
    }

    [Test]
    public async Task ItEndsWhenItsStandardInputIsClosedAsAKilledParentCloses()
    {
        var emulator = await Emulator.StartAsync();
        emulator.Process.StandardInput.Close();
        await emulator.Process.WaitForExitAsync();
        Assert.That(emulator.Process.ExitCode, Is.Zero);
        Assert.That(() => emulator.ResetAsync(), Throws.TypeOf<HttpRequestException>());
        await emulator.DisposeAsync();
        await emulator.DisposeAsync();
    }

    [Test]
    public void ItHasTheSameMembersAsInPythonAndNode()
    {
        using var vocabulary = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../tests/testing.json")));
        void Same(string list, IEnumerable<string> own) => Assert.That(
            own.Distinct(),
            Is.EquivalentTo(vocabulary.RootElement.GetProperty(list).EnumerateArray().Select(name => Pascal(name.GetString()!))),
            list);
        IEnumerable<string> Properties(Type type) => type.GetProperties(Declared).Select(property => property.Name);
        var methods = typeof(Emulator).GetMethods(Declared).Where(method => !method.IsSpecialName && method.Name != nameof(ToString));
        Same("options", Properties(typeof(EmulatorOptions)));
        Same("properties", Properties(typeof(Emulator)));
        Same("methods", methods.Select(method => method.Name is nameof(Emulator.DisposeAsync) ? "Close" : Without(method.Name, "Async")));
        // What a body is, its property says here.
        Same("fault", Properties(typeof(Fault)).Select(name => Without(Without(name, "Bytes"), "Json")));
        Same("recorded_request", Properties(typeof(RecordedRequest)));
        Same("key_report", Properties(typeof(KeyReport)));
        Same("key_caller", Properties(typeof(KeyCaller)));
    }

    [Test]
    public async Task WhatTheReadmeShowsRuns()
    {
        await using var emulator = await Emulator.StartAsync();
        using var client = new AgglestoneClient(emulator.ClientOptions());

        await emulator.AddFaultAsync(new Fault { Path = "*/Users*", Status = 503 });
        var page = await client.GetUsersAsync(); // retried
        Console.WriteLine(page.TotalRecords); // 45

        await emulator.AdvanceClockAsync(TimeSpan.FromMinutes(15)); // every token has expired
        await emulator.GenerateKeyAsync(KeySlot.Primary); // the previous key is refused immediately
        var requests = await emulator.RequestsAsync(); // method, path, status, key slot …
        Assert.That(requests.Select(request => request.Status), Is.EqualTo(new int?[] { 503, 200 }));

        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../Agglestone.Testing/README.md"));
        var block = readme.Split("```csharp\n")[1].Split("```")[0];
        Assert.That(Lines(File.ReadAllText(ThisFile())), Does.Contain(Lines(block)));
    }

    // Without indentation and empty lines.
    private static string Lines(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static async Task<T> ThrownAsync<T>(AgglestoneClient client)
        where T : Exception
    {
        try
        {
            await client.GetUsersAsync();
        }
        catch (T error)
        {
            return error;
        }

        throw new AssertionException($"no {typeof(T).Name}");
    }

    private static string Without(string name, string suffix) => name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
