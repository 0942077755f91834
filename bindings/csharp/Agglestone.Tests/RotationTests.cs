using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>Both keys rotated under load, as the guide has it, by files that are replaced; and one exchange for a thousand.</summary>
public sealed class RotationTests : EmulatorFixture
{
    private const int Callers = 32;
    private const int Rotations = 6;

    // Twelve steps take more than five seconds.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(450);

    private string folder = "";

    [SetUp]
    public void MakeAFolder() => folder = Directory.CreateTempSubdirectory("agglestone-keys-").FullName;

    [TearDown]
    public void RemoveTheFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task CallersSeeNoFailureWhileBothKeysAreRotated()
    {
        Put("primary", Emulator.PrimaryKey);
        Put("secondary", Emulator.SecondaryKey);
        var options = new AgglestoneClientOptions { TenantId = Emulator.TenantId, BaseUrl = Emulator.Url };
        options.ApiKeyFile = Path.Combine(folder, "primary");
        options.SecondaryApiKeyFile = Path.Combine(folder, "secondary");
        using var client = new AgglestoneClient(options);

        var wanted = true;
        var counts = new int[Callers];
        var callers = Enumerable.Range(0, Callers).Select(number => Task.Run(async () =>
        {
            while (System.Threading.Volatile.Read(ref wanted))
            {
                await CallAsync(client, number);
                System.Threading.Interlocked.Increment(ref counts[number]);
            }
        })).ToArray();

        var newest = new Dictionary<string, string>();
        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            foreach (var slot in new[] { "primary", "secondary" })
            {
                await Task.Delay(Step);
                var key = await Emulator.GenerateKeyAsync(slot);
                newest[slot] = Fingerprint(key);
                Put(slot, key);
            }
        }

        await Emulator.UntilAsync(() => Task.FromResult(HasKeys(client, newest)), "the newest keys");
        await TurnAsync(counts);
        var settled = (await Emulator.RequestsAsync())[^1].GetProperty("requestId").GetString();
        await TurnAsync(counts);
        var journal = await Emulator.RequestsAsync();
        System.Threading.Volatile.Write(ref wanted, false);
        // Fails with the first call that failed.
        await Task.WhenAll(callers);

        // The journal keeps so many entries only; without the last of before, all of it is later.
        var last = journal.FindIndex(entry => entry.GetProperty("requestId").GetString() == settled);
        var later = journal.Skip(last + 1).ToList();
        Assert.That(later, Has.Count.AtLeast(Callers));
        Assert.That(later.Select(entry => entry.GetProperty("fingerprint").GetString()), Is.All.AnyOf(newest.Values.ToArray<object>()));
        Assert.That(client.KeyUsage().Replacements, Is.AtLeast(Rotations));
        Assert.That(client.KeyUsage().Failovers, Is.AtLeast(1));
    }

    [Test]
    public async Task ASingleDeadKeyIsAskedOnceAndNamedByFingerprint()
    {
        await Emulator.GenerateKeyAsync("primary");
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneAuthenticationException>(() => client.GetUsersAsync())!;
        Assert.That(problem.Attempts, Is.EqualTo(1));
        Assert.That(problem.Message, Does.Contain(Fingerprint(Emulator.PrimaryKey)).And.Not.Contain(Emulator.PrimaryKey));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task AThousandTasksForOneUserMakeOneExchange()
    {
        await Emulator.FaultAsync(new { path = "*/token-exchange", delayMs = 300 });
        using var client = Emulator.NewClient();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => client.ExchangeApiKeyForTokenAsync(Amelia)));
        Assert.That(tokens.Distinct().Count(), Is.EqualTo(1));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(1));
    }

    private static Task CallAsync(AgglestoneClient client, int number) => number % 4 == 0
        ? client.RequestAsync(new AgglestoneRequest(HttpMethod.Post, "v2.0/Auth/token-exchange").WithJson(new { userId = Amelia }))
        : client.GetUsersAsync(1, 1);

    /// <summary>Returns when every caller has ended the call that it is in, and one that it began after that.</summary>
    private static Task TurnAsync(int[] counts)
    {
        var before = counts.ToArray();
        return Emulator.UntilAsync(
            () => Task.FromResult(counts.Zip(before).All(pair => pair.First >= pair.Second + 2)), "every caller to go on");
    }

    private static bool HasKeys(AgglestoneClient client, Dictionary<string, string> newest)
    {
        var usage = client.KeyUsage();
        return usage.Primary?.Fingerprint == newest["primary"] && usage.Secondary?.Fingerprint == newest["secondary"];
    }

    private static string Fingerprint(string key) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..8].ToLowerInvariant();

    private void Put(string slot, string key)
    {
        var beside = Path.Combine(folder, "beside");
        File.WriteAllText(beside, key);
        File.Move(beside, Path.Combine(folder, slot), overwrite: true);
    }
}
