using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class JsonTests : EmulatorFixture
{
    private static readonly JsonSerializerOptions AspNetCore = new(JsonSerializerDefaults.Web);

    [Test]
    public void MissingAndNullFieldsAreNullAndUnknownOnesAreKept()
    {
        var user = Read("""{"userId": "u", "displayName": null, "shoeSize": 43.5, "tags": [{"a": null}]}""");
        Assert.That((user.UserId, user.DisplayName, user.Email, user.Enabled), Is.EqualTo(("u", (string?)null, (string?)null, (bool?)null)));
        Assert.That(user.Extra.Keys, Is.EqualTo(new[] { "shoeSize", "tags" }));
        Assert.That(user.Extra["shoeSize"].GetDouble(), Is.EqualTo(43.5));
        Assert.That(user.Extra["tags"].GetRawText(), Is.EqualTo("""[{"a": null}]"""));
        Assert.That(Read("{}").UserId, Is.Empty);
    }

    [TestCase("""{"id": "u"}""", "u", 0)]
    [TestCase("""{"id": 7}""", "7", 0)]
    [TestCase("""{"id": "row", "userId": "u"}""", "u", 1)]
    [TestCase("""{"userId": null, "id": "u"}""", "u", 0)]
    [TestCase("""{"user\u0049d": "u"}""", "u", 0)]
    public void TheIdMayBeCalledId(string json, string id, int extra)
    {
        var user = Read(json);
        Assert.That((user.UserId, user.Extra.Count), Is.EqualTo((id, extra)));
    }

    [TestCase("2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z")]
    [TestCase("2026-01-05T08:00:00", "2026-01-05T08:00:00Z")]
    [TestCase("2026-01-05T08:00:00.1234567890Z", "2026-01-05T08:00:00.1234567Z")]
    [TestCase("2026-01-05T08:00:00+02:00", "2026-01-05T06:00:00Z")]
    [TestCase("0001-01-01T00:00:00", "0001-01-01T00:00:00Z")]
    public void TimesWithoutAnOffsetAreUtc(string sent, string meant)
    {
        var time = Read($$"""{"lastLoggedIn": "{{sent}}"}""").LastLoggedIn!.Value;
        Assert.That(time, Is.EqualTo(DateTimeOffset.Parse(meant, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public void APageIsReadInBothDialects()
    {
        var page = JsonSerializer.Deserialize<Page<User>>("""{"data": [{"id": "u"}], "totalCount": 7, "pageNumber": 2, "cursor": "x"}""")!;
        Assert.That((page.TotalRecords, page.PageNumber, page.PageSize), Is.EqualTo((7L, (int?)2, (int?)null)));
        Assert.That(page.Data.Single().UserId, Is.EqualTo("u"));
        Assert.That(page.Extra["cursor"].GetString(), Is.EqualTo("x"));
    }

    [Test]
    public void WhatWasReadIsWrittenAgain()
    {
        const string User =
            """
            {"userId":"u","email":"a@example.com","displayName":null,"userType":"Standard","enabled":true,
             "lastLoggedIn":"2026-01-05T08:00:00Z","lastTokenRefresh":null,"owner":false,"requirePasswordReset":null,"x":{"y":[1]}}
            """;
        var page = $$"""{"data":[{{User}}],"pageNumber":1,"pageSize":10,"totalRecords":1,"nextPage":null,"links":[null]}""".ReplaceLineEndings("").Replace(" ", "");
        var read = JsonSerializer.Deserialize<Page<User>>(page);
        Assert.That(JsonSerializer.Serialize(read), Is.EqualTo(page));
        Assert.That(JsonSerializer.Serialize(read, AspNetCore), Is.EqualTo(page));
    }

    [TestCase("""{"userId": 1}""", "a user without an id")]
    [TestCase("""{"userId": "u", "enabled": "yes"}""", "enabled should be true or false")]
    [TestCase("""{"userId": "u", "email": {"a": 1}}""", "email should be text and is an object")]
    [TestCase("""{"userId": "u", "lastTokenRefresh": 5}""", "lastTokenRefresh should be a time")]
    public async Task AFieldOfAnotherTypeIsAResponseExceptionThatNamesIt(string json, string why)
    {
        await Emulator.AnswerAsync(json);
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneResponseException>(() => client.GetUserAsync("u"))!;
        Assert.That((problem.Code, problem.HttpStatus), Is.EqualTo((AgglestoneErrorCode.InvalidResponse, (int?)200)));
        Assert.That(problem.Message, Does.Contain(why));
        Assert.That(problem.Message, Does.Not.Contain("yes\""));
    }

    [TestCase("""{"data": [{"owner": 1}]}""")]
    [TestCase("""{"data": {}}""")]
    [TestCase("""{"data": [], "pageNumber": "one"}""")]
    [TestCase("""{"data": [], "pageNumber": 5000000000}""")]
    [TestCase("[]")]
    public async Task SoIsAPageOfAnotherShape(string json)
    {
        await Emulator.AnswerAsync(json);
        using var client = Emulator.NewClient();
        Assert.ThrowsAsync<AgglestoneResponseException>(() => client.GetUsersAsync());
    }

    [Test]
    public async Task WhatTheLibraryAcceptsIsNotTooDeepHere()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));
        await Emulator.AnswerAsync($$"""{"userId": "u", "deep": {{deep}}}""");
        using var client = Emulator.NewClient();
        Assert.That((await client.GetUserAsync("u")).Extra["deep"].GetRawText(), Is.EqualTo(deep));
    }

    private static User Read(string json) => JsonSerializer.Deserialize<User>(json)!;
}
