using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class KeysTests : EmulatorFixture
{
    private string file = "";

    [SetUp]
    public void NameAFile() => file = Path.Combine(Path.GetTempPath(), $"agglestone-key-{Guid.NewGuid():N}");

    [TearDown]
    public void RemoveTheFile() => File.Delete(file);

    [Test]
    public async Task ARefusedKeyMakesWayForTheOtherInTheSameCall()
    {
        var events = new BlockingCollection<ApiKeyEvent>();
        var options = Emulator.Options();
        options.ApiKey = "an-old-key";
        options.SecondaryApiKey = Emulator.SecondaryKey;
        options.OnApiKeyEvent = events.Add;
        using var client = new AgglestoneClient(options);
        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));

        var usage = client.KeyUsage();
        Assert.That(usage.Failovers, Is.EqualTo(1));
        Assert.That((usage.Primary!.Active, usage.Primary.Requests, usage.Primary.Refusals), Is.EqualTo((false, 1L, 1L)));
        Assert.That((usage.Secondary!.Active, usage.Secondary.Requests, usage.Secondary.Refusals), Is.EqualTo((true, 1L, 0L)));
        Assert.That(usage.Secondary.Fingerprint, Is.EqualTo(Fingerprint(Emulator.SecondaryKey)));
        Assert.That(usage.Secondary.LastUsed, Is.EqualTo(usage.Secondary.FirstUsed).And.Not.Null);

        Assert.That(events.TryTake(out var told, Emulator.Patience));
        Assert.That((told!.Name, told.Level), Is.EqualTo(("failover", ApiKeyEventLevel.Warning)));
        Assert.That(told.Message, Does.Contain(Fingerprint(Emulator.SecondaryKey)).And.Not.Contain(Emulator.SecondaryKey));
        Assert.That((told.Parts["From"], told.Parts["To"]), Is.EqualTo((Fingerprint("an-old-key"), Fingerprint(Emulator.SecondaryKey))));
        Assert.That(told.Parts, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task KeysAreReplacedBothAtOnce()
    {
        var options = Emulator.Options();
        options.ApiKey = "an-old-key";
        using var client = new AgglestoneClient(options);
        Assert.ThrowsAsync<AgglestoneAuthenticationException>(() => client.GetUsersAsync());
        client.SetApiKeys(Emulator.PrimaryKey, Emulator.SecondaryKey);
        await client.GetUsersAsync();
        var usage = client.KeyUsage();
        Assert.That((usage.Replacements, usage.Primary!.Fingerprint), Is.EqualTo((1L, Fingerprint(Emulator.PrimaryKey))));
        client.SetApiKeys(Emulator.SecondaryKey);
        Assert.That(client.KeyUsage().Secondary, Is.Null);
        Assert.That(client.GetUsers().Data, Has.Count.EqualTo(10));
    }

    [Test]
    public void KeysThatCannotBeSentLeaveThoseInUse()
    {
        using var client = Emulator.NewClient();
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.SetApiKeys("planted key"))!.ParamName, Is.EqualTo("primary"));
        foreach (var secondary in new[] { "", "the-same" })
        {
            var problem = Assert.Throws<AgglestoneArgumentException>(() => client.SetApiKeys("the-same", secondary))!;
            Assert.That(problem.ParamName, Is.EqualTo("secondary"));
        }

        Assert.Throws<ArgumentNullException>(() => client.SetApiKeys(null!));
        Assert.That(client.GetUsers().Data, Has.Count.EqualTo(10));
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.SetApiKeys("any"));
        Assert.Throws<ObjectDisposedException>(() => client.KeyUsage());
    }

    [Test]
    public async Task ACheckSaysWhatTheServiceThinksOfEachKey()
    {
        var options = Emulator.Options();
        options.SecondaryApiKey = "an-old-key";
        using var client = new AgglestoneClient(options);
        foreach (var check in new[] { await client.CheckApiKeysAsync(), client.CheckApiKeys() })
        {
            Assert.That(check.Primary, Is.EqualTo(new ApiKeySlotCheck(Fingerprint(Emulator.PrimaryKey), true, 200)));
            Assert.That(check.Secondary, Is.EqualTo(new ApiKeySlotCheck(Fingerprint("an-old-key"), false, 401)));
        }

        options.SecondaryApiKey = null;
        using var other = new AgglestoneClient(options);
        Assert.That(other.CheckApiKeys().Secondary, Is.Null);
    }

    [Test]
    public async Task AKeyFileIsReadAgainWhenItsKeyIsRefused()
    {
        await File.WriteAllTextAsync(file, "an-old-key\n");
        using var client = new AgglestoneClient(new() { TenantId = Emulator.TenantId, ApiKeyFile = file, BaseUrl = Emulator.Url });
        Assert.ThrowsAsync<AgglestoneAuthenticationException>(() => client.GetUsersAsync());
        await File.WriteAllTextAsync(file, Emulator.PrimaryKey);
        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task ASourceIsAskedBeforeTheFirstCallAndWhenItsKeysAreRefused()
    {
        var asked = 0;
        var options = new AgglestoneClientOptions { TenantId = Emulator.TenantId, BaseUrl = Emulator.Url };
        options.ApiKeySource = async _ =>
        {
            await Task.Yield();
            return new ApiKeys(++asked == 1 ? "an-old-key" : Emulator.PrimaryKey);
        };
        using var client = new AgglestoneClient(options);
        Assert.That((client.KeyUsage().Primary, asked), Is.EqualTo(((ApiKeySlotUsage?)null, 0)));
        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));
        Assert.That(client.GetUsers().Data, Has.Count.EqualTo(10));
        Assert.That(asked, Is.EqualTo(2));
    }

    [Test]
    public void ASourceThatThrowsIsAnErrorOfTheCallWithItsMessage()
    {
        var options = new AgglestoneClientOptions { TenantId = Emulator.TenantId, BaseUrl = Emulator.Url };
        options.ApiKeySource = _ => throw new InvalidOperationException("the vault is sealed");
        using var client = new AgglestoneClient(options);
        var problem = Assert.CatchAsync<AgglestoneException>(() => client.GetUsersAsync())!;
        Assert.That(problem.Message, Does.Contain("the vault is sealed"));
        foreach (var source in new Func<CancellationToken, Task<ApiKeys>>[] { _ => throw new InvalidOperationException("\ud800") })
        {
            options.ApiKeySource = source;
            using var other = new AgglestoneClient(options);
            Assert.CatchAsync<AgglestoneException>(() => other.GetUsersAsync());
        }
    }

    [Test]
    public void AListenerMayCallTheClientAndThrow()
    {
        using var told = new BlockingCollection<(string, int)>();
        AgglestoneClient? client = null;
        var options = Emulator.Options();
        options.OnApiKeyEvent = happened =>
        {
            // On the library's own thread this would wait for itself for ever.
            told.Add((happened.Message, client!.GetUsers().Data.Count));
            throw new InvalidOperationException();
        };
        client = new AgglestoneClient(options);
        client.SetApiKeys(Emulator.SecondaryKey);
        client.SetApiKeys(Emulator.PrimaryKey);
        foreach (var key in new[] { Emulator.SecondaryKey, Emulator.PrimaryKey })
        {
            Assert.That(told.TryTake(out var seen, Emulator.Patience));
            Assert.That(seen, Is.EqualTo(($"API key replaced: primary {Fingerprint(key)}, no secondary", 10)));
        }

        client.Dispose();
    }

    [Test]
    public void NothingAboutKeysShowsAKey()
    {
        var keys = new ApiKeys("planted-1", "planted-2");
        using var client = Emulator.NewClient();
        foreach (var shown in new[] { $"{keys}", JsonSerializer.Serialize(keys), $"{client.KeyUsage()}", JsonSerializer.Serialize(client.KeyUsage()) })
        {
            Assert.That(shown, Does.Not.Contain("planted").And.Not.Contain(Emulator.PrimaryKey));
        }

        foreach (var property in typeof(ApiKeys).GetProperties())
        {
            var browsable = property.GetCustomAttributes(false).OfType<System.Diagnostics.DebuggerBrowsableAttribute>().Single();
            Assert.That(browsable.State, Is.EqualTo(System.Diagnostics.DebuggerBrowsableState.Never));
        }
    }

    private static string Fingerprint(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..8].ToLowerInvariant();
}
