using System;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class AsUserTests : EmulatorFixture
{
    [Test]
    public async Task EveryCallIsMadeWithTheUsersTokenAndWithoutTheKey()
    {
        using var client = Emulator.NewClient();
        var amelia = client.AsUser(Amelia);
        Assert.That((await amelia.GetUsersAsync()).Data, Has.Count.EqualTo(10));
        Assert.That(amelia.GetUsers(2, 20).PageNumber, Is.EqualTo(2));
        Assert.That((await amelia.GetUserAsync(Amelia)).UserId, Is.EqualTo(Amelia));
        Assert.That(amelia.GetUser(Amelia).UserId, Is.EqualTo(Amelia));
        Assert.That((int)(await amelia.RequestAsync(HttpMethod.Get, "api/v2.0/Users")).StatusCode, Is.EqualTo(200));
        Assert.That((int)amelia.Request(HttpMethod.Get, "api/v2.0/Users").StatusCode, Is.EqualTo(200));
        Assert.That(amelia.IterateUsers().Count(), Is.EqualTo(45));

        var credentials = (await Emulator.RequestsAsync()).Select(entry => entry.GetProperty("credential").GetString()).ToList();
        Assert.That(credentials[0], Is.EqualTo("api-key"), "the exchange");
        Assert.That(credentials.Skip(1), Has.Exactly(7).EqualTo("bearer"));
        Assert.That(amelia.ToString(), Is.EqualTo($"AgglestoneUserClient {{ UserId = {Amelia} }}"));
    }

    [Test]
    public async Task ItsCallsAreCancelledAndClosedLikeAllOthers()
    {
        await Emulator.FaultAsync(new { path = "*/Users*", delayMs = 18_000, times = 1_000 });
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var amelia = client.AsUser(Amelia);
        var cancelled = amelia.GetUsersAsync(cancellationToken: source.Token);
        var closed = amelia.GetUsersAsync();
        await Emulator.ArrivedAsync(3);
        source.Cancel();
        Assert.CatchAsync<OperationCanceledException>(() => cancelled);
        client.Dispose();
        Assert.ThrowsAsync<ObjectDisposedException>(() => closed);
        Assert.ThrowsAsync<ObjectDisposedException>(() => amelia.GetUsersAsync());
    }

    [Test]
    public void AnIdThatCannotBeSentIsRefused()
    {
        using var client = Emulator.NewClient();
        Assert.Throws<ArgumentNullException>(() => client.AsUser(null!));
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.AsUser(".."))!.ParamName, Is.EqualTo("userId"));
    }
}
