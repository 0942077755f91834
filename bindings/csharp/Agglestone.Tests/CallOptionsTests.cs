using System;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class CallOptionsTests : EmulatorFixture
{
    [Test]
    public async Task ACallMayHaveItsOwnRetries()
    {
        await Emulator.FaultAsync(new { path = "*/Users", times = 50, status = 500 });
        var options = Emulator.Options();
        options.MaxRetries = 1;
        using var client = new AgglestoneClient(options);
        Assert.That(Assert.ThrowsAsync<AgglestoneServerException>(() => client.GetUsersAsync())!.Attempts, Is.EqualTo(2));
        var once = client.With(new() { MaxRetries = 0 });
        Assert.That(Assert.ThrowsAsync<AgglestoneServerException>(() => once.GetUsersAsync())!.Attempts, Is.EqualTo(1));
        Assert.That(Assert.Throws<AgglestoneServerException>(() => once.GetUsers())!.Attempts, Is.EqualTo(1));
        Assert.That(Assert.Throws<AgglestoneServerException>(() => once.With(new()).GetUsers())!.Attempts, Is.EqualTo(1));
        var amelia = client.AsUser(Amelia).With(new() { MaxRetries = 0 });
        Assert.ThrowsAsync<AgglestoneServerException>(() => amelia.GetUsersAsync());
        Assert.That((await Emulator.RequestsAsync()).FindAll(entry => entry.GetProperty("credential").GetString() == "bearer"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task ACallMayHaveItsOwnTimes()
    {
        await Emulator.FaultAsync(new { path = "*/Users", times = 50, delayMs = 18_000 });
        using var client = Emulator.NewClient();
        foreach (var options in new AgglestoneCallOptions[]
        {
            new() { Deadline = TimeSpan.FromMilliseconds(200) },
            new() { Timeout = TimeSpan.FromMilliseconds(200), MaxRetries = 0 },
        })
        {
            var problem = Assert.ThrowsAsync<AgglestoneTransportException>(() => client.With(options).GetUsersAsync())!;
            Assert.That(problem.Code, Is.EqualTo(AgglestoneErrorCode.Timeout));
        }
    }

    [Test]
    public async Task TheClientWithOptionsIsTheSameClientAndFillsOnlyWhatItsOptionsLeaveOpen()
    {
        await Emulator.FaultAsync(new { path = "*/Users", times = 50, status = 500 });
        using var client = Emulator.NewClient();
        var once = client.With(new() { MaxRetries = 1 }).With(new() { Deadline = TimeSpan.FromMinutes(1), MaxRetries = 0 });
        Assert.That(Assert.Throws<AgglestoneServerException>(() => once.With(new()).GetUsers())!.Attempts, Is.EqualTo(1));
        var amelia = once.AsUser(Amelia);
        Assert.That(Assert.Throws<AgglestoneServerException>(() => amelia.GetUsers())!.Attempts, Is.EqualTo(1));
        Assert.That(Assert.Throws<AgglestoneServerException>(() => amelia.With(new() { MaxRetries = 1 }).GetUsers())!.Attempts, Is.EqualTo(2));
        Assert.That(once.GetToken(Amelia).Value, Is.EqualTo(client.GetToken(Amelia).Value));
        Assert.That(once.ToString(), Is.EqualTo(client.ToString()));
        Assert.That(once, Is.Not.InstanceOf<IDisposable>().And.Not.InstanceOf<IAsyncDisposable>());
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => once.GetUsers());
    }

    [Test]
    public void OptionsThatMakeNoSenseAreRefused()
    {
        using var client = Emulator.NewClient();
        Assert.Throws<ArgumentNullException>(() => client.With(null!));
        foreach (var (options, name) in new[]
        {
            (new AgglestoneCallOptions { ConnectTimeout = -TimeSpan.FromSeconds(1) }, "connectTimeout"),
            (new AgglestoneCallOptions { Timeout = TimeSpan.Zero }, "timeout"),
            (new AgglestoneCallOptions { Deadline = TimeSpan.FromDays(2) }, "deadline"),
            (new AgglestoneCallOptions { MaxRetries = 11 }, "maxRetries"),
        })
        {
            Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.With(options).GetUsers())!.ParamName, Is.EqualTo(name));
        }
    }
}
