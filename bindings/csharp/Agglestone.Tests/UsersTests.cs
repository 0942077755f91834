using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class UsersTests : EmulatorFixture
{
    [Test]
    public async Task APageIsTypedAndSaysWhatComesNext()
    {
        using var client = Emulator.NewClient();
        foreach (var page in new[] { await client.GetUsersAsync(2, 20), client.GetUsers(2, 20) })
        {
            Assert.That(page.Data, Has.Count.EqualTo(20));
            Assert.That((page.PageNumber, page.PageSize, page.TotalRecords), Is.EqualTo((2, 20, 45L)));
            Assert.That((page.NextPage, page.HasNextPage), Is.EqualTo((3, true)));
        }

        var last = await client.GetUsersAsync(3, 20);
        Assert.That((last.Data.Count, last.NextPage, last.HasNextPage), Is.EqualTo((5, (int?)null, false)));
    }

    [Test]
    public async Task WithoutArgumentsItIsTheFirstPageOfTen()
    {
        using var client = Emulator.NewClient();
        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));
        Assert.That(client.GetUsers().PageNumber, Is.EqualTo(1));
    }

    [Test]
    public async Task AUserHasEveryDocumentedField()
    {
        using var client = Emulator.NewClient();
        foreach (var user in new[] { await client.GetUserAsync(Amelia), client.GetUser(Amelia) })
        {
            Assert.That(user.UserId, Is.EqualTo(Amelia));
            Assert.That(user.Email, Is.EqualTo("amelia.hart@example.com"));
            Assert.That(user.DisplayName, Is.EqualTo("Amelia Hart"));
            Assert.That(user.UserType, Is.EqualTo("Standard"));
            Assert.That(user.LastLoggedIn, Is.EqualTo(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero)));
            Assert.That(user.LastTokenRefresh, Is.EqualTo(new DateTimeOffset(2026, 1, 5, 8, 14, 0, TimeSpan.Zero)));
            Assert.That((user.Enabled, user.Owner, user.RequirePasswordReset), Is.EqualTo((true, true, false)));
            Assert.That(user.Extra, Is.Empty);
        }
    }

    [Test]
    public async Task IteratingSeesAll45UsersOnceAndFetchesAsFewPagesAsPossible()
    {
        using var client = Emulator.NewClient();
        var ids = new List<string>();
        await foreach (var user in client.IterateUsersAsync(pageSize: 20))
        {
            ids.Add(user.UserId);
        }

        Assert.That(ids, Has.Count.EqualTo(45).And.Unique);
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(3));
        Assert.That(client.IterateUsers().Select(user => user.UserId), Is.EqualTo(ids));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task IteratingStopsFetchingWhenTheCallerStops()
    {
        using var client = Emulator.NewClient();
        await foreach (var _ in client.IterateUsersAsync(pageSize: 1))
        {
            break;
        }

        Assert.That(client.IterateUsers(pageSize: 1).Take(2).Count(), Is.EqualTo(2));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task TheUserAgentNamesTheApplicationAndTheRuntime()
    {
        var options = Emulator.Options();
        options.AppName = "billing/2";
        using var client = new AgglestoneClient(options);
        await client.GetUsersAsync();
        var agent = (await Emulator.RequestsAsync()).Single().GetProperty("userAgent").GetString();
        Assert.That(agent, Does.Match(@"^billing/2 agglestone/\S+ dotnet/\d+\.\d+\.\d+$"));
    }
}
